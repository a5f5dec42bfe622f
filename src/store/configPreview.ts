import { sql } from 'kysely';
import type { Db } from './database';
import { statement } from './statement';

/** What a preview is made of, beside the file: in one read, as of one moment. */
export interface PreviewParts {
  /** Name of the environment. */
  environment: string;
  /** Fragments by their ids, in any order. */
  fragments: { id: string; environment_id: string; name: string; content: string }[];
  /** The environment of the placement that is asked for; null when there is none. */
  placement_environment_id: string | null;
}

interface Asked {
  environmentId: string;
  fragmentIds: readonly string[];
  serviceDeploymentId: string | null;
}

const parts = statement<Asked, PreviewParts>(
  (_, v) => sql<PreviewParts>`
    select name as environment,
      (select coalesce(json_agg(json_build_object('id', id, 'environment_id', environment_id, 'name', name, 'content', content)), '[]')
        from config_fragments where id = any(${v.fragmentIds}::uuid[])) as fragments,
      (select environment_id from service_deployments join services on services.id = service_id
        where service_deployments.id = ${v.serviceDeploymentId}::uuid) as placement_environment_id
    from environments where id = ${v.environmentId}::uuid`,
);

/** Reads what a preview is made of; undefined when the environment is gone. */
export const previewParts = (db: Db, asked: Asked): Promise<PreviewParts | undefined> => parts.first(db, asked);
