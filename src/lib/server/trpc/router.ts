import { procedures } from './procedures';
import { trpc } from './root';

export const appRouter = trpc.router(procedures);
