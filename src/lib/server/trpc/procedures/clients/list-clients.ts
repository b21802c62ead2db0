import { z } from 'zod';
import { listClients as list } from '../../../flows/clients/manage-clients';
import { administratorProcedure } from '../../guards';
import { clientView } from '../../views/client';

export const listClients = administratorProcedure
	.output(z.array(clientView))
	.query(({ ctx }) => list(ctx.app));
