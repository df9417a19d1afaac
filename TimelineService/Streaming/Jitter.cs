namespace Floodgate.TimelineService.Streaming;

/// <summary>Keeps streams that began together from doing everything at the same moment. Safe for concurrent use.</summary>
internal sealed class Jitter(Random random)
{
    private readonly Lock _lock = new();

    /// <summary>A span that is up to a share longer or shorter.</summary>
    public TimeSpan Vary(TimeSpan span, double share)
    {
        lock (_lock)
        {
            return span * (1 + (share * ((random.NextDouble() * 2) - 1)));
        }
    }
}
