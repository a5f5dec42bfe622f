import type { OperationId } from '../../generated/operations';
import type { Call, Portolan } from './portolan';

/** Reads a list to its end by cursor, page by page; gives all its rows. Every page tells the same total. */
export async function walkPages(portolan: Portolan, operationId: OperationId, member: string, limit: number, call: Call = {}): Promise<any[]> {
  const rows: any[] = [];
  let cursor: string | undefined;
  do {
    const query = { ...(call.query as object), limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = await portolan.call(operationId, { ...call, query });
    expect(page.status).toBe(200);
    expect(page.body[member].length).toBeLessThanOrEqual(limit);
    if (page.body.nextCursor !== null) expect(page.body[member]).toHaveLength(limit);
    rows.push(...page.body[member]);
    cursor = page.body.nextCursor ?? undefined;
    if (cursor === undefined) expect(page.body.total).toBe(rows.length);
  } while (cursor !== undefined);
  return rows;
}
