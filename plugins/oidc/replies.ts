/** What the provider's userinfo endpoint answers (OpenID Connect Core §5.3.2). */
import { z } from 'zod';

export const userinfoReply = z.looseObject({ sub: z.string() });
