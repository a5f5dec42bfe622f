import { type PublicHandler, raw } from '../handler';

/** The page only names its parts: everything it loads comes from this service, so it works without the internet. */
const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Portolan API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
</head>
<body>
<div id="reference"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`;

/** The page runs its own scripts and talks to its own service; its styles and icons are partly inline. */
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

export const getApiDocs: PublicHandler<'getApiDocs', object> = async () =>
  raw('text/html; charset=utf-8', page, { headers: { 'Content-Security-Policy': policy } });
