# docker build -t portolan .
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /portolan
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 METRICS_HOST=0.0.0.0 PORTOLAN_DATA=/var/lib/portolan
WORKDIR /portolan
COPY --from=build /portolan/package.json ./
COPY --from=build /portolan/node_modules ./node_modules
COPY --from=build /portolan/dist ./dist
RUN mkdir -p /var/lib/portolan && chown 65534:65534 /var/lib/portolan
USER 65534:65534
EXPOSE 3000 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/ready').then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "dist/src/main.js", "serve"]
