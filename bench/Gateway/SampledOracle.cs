namespace Floodgate.Bench.Gateway;

/// <summary>What the oracles of all instances of TimelineService have seen.</summary>
/// <param name="Instances">How many said something.</param>
/// <param name="Samples">Home timelines they compared with SQL.</param>
/// <param name="Entries">Posts in these.</param>
/// <param name="Missing">Posts that should have been there and were not, for good.</param>
/// <param name="Extra">Posts that should not have been there.</param>
/// <param name="Duplicate">Posts shown more than once.</param>
/// <param name="Disordered">Posts shown after an older one.</param>
/// <param name="Suspects">Posts that differed at the last look and may have been on their way.</param>
internal sealed record SampledTotals(int Instances, long Samples, long Entries, long Missing, long Extra, long Duplicate, long Disordered, int Suspects)
{
    /// <summary>All differences.</summary>
    public long Differences => Missing + Extra + Duplicate + Disordered;
}

/// <summary>Asks the services what their own comparison of home timelines with SQL has come to.</summary>
internal sealed class SampledOracle(GatewayClient client, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Reads the totals since the start of the services' processes; null where none of them says any.</summary>
    public async Task<SampledTotals?> ReadAsync(CancellationToken cancellation)
    {
        var answer = await client.CallAsync(new GatewayCall(CallKind.Status, HttpMethod.Get, "/status"), GatewayJson.Default.StatusAnswer, cancellation);
        var parts = answer.Value?.Services?.Timeline?.Select(instance => instance?.Oracle).OfType<OracleAnswer>().ToList() ?? [];
        return parts.Count == 0
            ? null
            : new SampledTotals(
                parts.Count, parts.Sum(p => p.Samples), parts.Sum(p => p.Entries), parts.Sum(p => p.Missing), parts.Sum(p => p.Extra), parts.Sum(p => p.Duplicate),
                parts.Sum(p => p.Disordered), parts.Sum(p => p.Suspects));
    }

    /// <summary>The same once they suspect nothing any more, or the limit is over.</summary>
    public async Task<SampledTotals?> SettledAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var totals = await ReadAsync(cancellation);
            if (totals is null or { Suspects: 0 } || time.GetElapsedTime(started) >= limit) return totals;
            await Task.Delay(Pause, time, cancellation);
        }
    }
}
