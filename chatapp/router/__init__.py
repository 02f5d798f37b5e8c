"""Who should answer: the domain core. Knows neither Starlette nor the browser."""
