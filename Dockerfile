FROM python:3.12-slim-bookworm

# Pango and a font for PDFs.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core postgresql-client \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 \
    COPROD_DATA=/data

WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .

# Never root; the volume takes its owner from this folder.
RUN useradd --system --uid 10001 --no-create-home coprod \
    && mkdir /data \
    && chown coprod /data
USER coprod
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "coprod.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3"]
