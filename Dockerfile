FROM python:3.12-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* && useradd --create-home moothall && install -d -o moothall /data
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml requirements.in ./
COPY src src
RUN pip install --no-cache-dir setuptools && pip install --no-cache-dir --no-deps --no-build-isolation .
USER moothall
ENTRYPOINT ["moothall"]
