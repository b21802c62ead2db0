# The appliance as an image: docs/operating.md, "Container".
FROM node:24-slim AS build
WORKDIR /menshen
COPY package.json package-lock.json .npmrc ./
# No package runs a script; the image's own Node is used, so the packaged one is left out again below.
RUN npm ci --ignore-scripts --no-audit --no-fund && rm -f node_modules/.bin/node
COPY . .
RUN node scripts/build.mjs \
	&& npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
	&& rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24-slim
ENV NODE_ENV=production DATA_DIR=/data
WORKDIR /menshen
COPY --from=build /menshen/package.json /menshen/server.js /menshen/LICENSE ./
COPY --from=build /menshen/bin bin
COPY --from=build /menshen/messages/errors messages/errors
COPY --from=build /menshen/build build
COPY --from=build /menshen/node_modules node_modules
RUN ln -s /menshen/bin/menshen.js /usr/local/bin/menshen && install -d -o node -g node -m 700 /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
	CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# Node itself is the first process, so that it gets the signal.
# A small young generation keeps the idle process under 130 MB.
CMD ["node", "--max-semi-space-size=4", "server.js"]
