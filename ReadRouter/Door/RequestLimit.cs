using Floodgate.Problems;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Door;

/// <summary>Lets a number of requests be under way at once, and answers those past it at once.</summary>
internal sealed class RequestLimit(IOptions<DoorOptions> options, Measures measures)
{
    private readonly int _limit = options.Value.ConcurrentRequests;
    private int _underWay;

    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _underWay) > _limit && !Probes.Is(context.Request))
            {
                measures.Refused(Refusal.Requests);
                await Problem.Unavailable("Too many requests are under way.", TimeSpan.FromSeconds(1)).ExecuteAsync(context);
                return;
            }

            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}
