export { listAuditLogs } from './listAuditLogs';
