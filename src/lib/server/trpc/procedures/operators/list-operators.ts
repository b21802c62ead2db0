import { z } from 'zod';
import { listOperators as list } from '../../../flows/operators/operators';
import { operatorProcedure } from '../../guards';
import { operatorView } from '../../views/operator';

export const listOperators = operatorProcedure
	.output(z.array(operatorView))
	.query(({ ctx }) => list(ctx.appliance));
