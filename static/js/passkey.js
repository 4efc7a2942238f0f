/* Passkeys: asks the device, and puts its answer into the form that asked. */
(() => {
  'use strict'
  const form = document.querySelector('form[data-passkey]')
  if (!form) return
  const button = form.querySelector('button')
  const says = form.querySelector('[role="status"]')
  const options = JSON.parse(document.getElementById('passkey-options').textContent).publicKey
  if (!window.PublicKeyCredential || !navigator.credentials) {
    says.textContent = form.dataset.none
    return
  }

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
  }
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
  const known = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }))

  const ask = () => {
    const wanted = { ...options, challenge: bytes(options.challenge) }
    if (options.user) {
      wanted.user = { ...options.user, id: bytes(options.user.id) }
      wanted.excludeCredentials = known(options.excludeCredentials)
      return navigator.credentials.create({ publicKey: wanted })
    }
    wanted.allowCredentials = known(options.allowCredentials)
    return navigator.credentials.get({ publicKey: wanted })
  }

  const written = (found) => {
    const from = found.response
    const response = { clientDataJSON: text(from.clientDataJSON) }
    if (from.attestationObject) {
      response.attestationObject = text(from.attestationObject)
      response.transports = from.getTransports ? from.getTransports() : []
    } else {
      response.authenticatorData = text(from.authenticatorData)
      response.signature = text(from.signature)
      response.userHandle = from.userHandle ? text(from.userHandle) : null
    }
    return JSON.stringify({
      id: found.id,
      rawId: text(found.rawId),
      type: found.type,
      response,
      clientExtensionResults: found.getClientExtensionResults()
    })
  }

  button.closest('[hidden]').hidden = false
  form.addEventListener('submit', async (event) => {
    if (form.elements.credential.value) return
    event.preventDefault()
    says.textContent = ''
    button.disabled = true
    try {
      form.elements.credential.value = written(await ask())
      form.requestSubmit()
    } catch {
      says.textContent = form.dataset.failed
    } finally {
      button.disabled = false
    }
  })
})()
