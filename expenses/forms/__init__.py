"""Forms of money: fields, hints, error words."""
