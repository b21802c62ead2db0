import { z } from 'zod';
import { getClient as get } from '../../../flows/clients/manage-clients';
import { administratorProcedure } from '../../guards';
import { clientView } from '../../views/client';
import { idInput } from '../../views/page';

export const getClient = administratorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(clientView)
	.query(({ ctx, input }) => get(ctx.app, input.id));
