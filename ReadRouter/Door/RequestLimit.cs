using Floodgate.Problems;
using Floodgate.ReadRouter.Routing;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Door;

/// <summary>
/// Lets a number of requests be under way at once, and answers those past it at once. Streams, which stay, are counted for themselves, so that
/// they take nothing from those that come and go.
/// </summary>
internal sealed class RequestLimit(IOptions<DoorOptions> options, Measures measures)
{
    private readonly Count _requests = new(options.Value.ConcurrentRequests, Refusal.Requests, "Too many requests are under way.");
    private readonly Count _streams = new(options.Value.ConcurrentStreams, Refusal.Streams, "Too many streams are open.");

    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var count = StreamMark.IsOn(context) ? _streams : _requests;
        try
        {
            if (Interlocked.Increment(ref count.UnderWay) > count.Limit && !Probes.Is(context.Request))
            {
                measures.Refused(count.Refusal);
                await Problem.Unavailable(count.Detail, TimeSpan.FromSeconds(1)).ExecuteAsync(context);
                return;
            }

            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref count.UnderWay);
        }
    }

    private sealed class Count(int limit, string refusal, string detail)
    {
        public int UnderWay;

        public int Limit => limit;

        public string Refusal => refusal;

        public string Detail => detail;
    }
}
