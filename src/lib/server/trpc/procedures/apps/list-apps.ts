import { z } from 'zod';
import { listApps as list } from '../../../flows/apps/manage-apps';
import { operatorProcedure } from '../../guards';
import { appEntryView } from '../../views/app';

export const listApps = operatorProcedure
	.output(z.array(appEntryView))
	.query(({ ctx }) => list(ctx.appliance));
