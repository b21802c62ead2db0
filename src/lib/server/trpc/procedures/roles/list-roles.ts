import { z } from 'zod';
import { listRoles as list } from '../../../flows/roles/list-roles';
import { administratorProcedure } from '../../guards';

const roleView = z.object({ id: z.string(), name: z.string(), permissions: z.array(z.string()) });

export const listRoles = administratorProcedure.output(z.array(roleView)).query(({ ctx }) => list(ctx.app));
