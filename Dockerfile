FROM node:20-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY scripts/assets.mjs scripts/
COPY src/moothall/web/components/styles src/moothall/web/components/styles
RUN npm run build

FROM python:3.12-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1 fonts-dejavu-core \
    poppler-utils \
    && rm -rf /var/lib/apt/lists/* && useradd --create-home moothall && install -d -o moothall /data
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml requirements.in ./
COPY src src
COPY --from=assets /app/src/moothall/web/components/static/moothall/build src/moothall/web/components/static/moothall/build
RUN pip install --no-cache-dir setuptools && pip install --no-cache-dir --no-deps --no-build-isolation .
RUN cd / && DATABASE_URL=postgresql:///none MOOTHALL_DATA_DIR=/tmp/build moothall collectstatic --no-input --verbosity=0 \
    && rm -rf /tmp/build
USER moothall
ENTRYPOINT ["moothall"]
