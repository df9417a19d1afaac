namespace Floodgate.Leases;

/// <summary>A source of chance that can be seeded and shared among threads.</summary>
internal sealed class Chance(Random random)
{
    private readonly Lock _lock = new();

    /// <summary>A number above 0 and up to 1.</summary>
    public double Next()
    {
        lock (_lock)
        {
            return 1 - random.NextDouble();
        }
    }

    /// <summary>A span that is up to a share longer or shorter.</summary>
    public TimeSpan Vary(TimeSpan span, double share) => span * (1 + (share * ((Next() * 2) - 1)));
}
