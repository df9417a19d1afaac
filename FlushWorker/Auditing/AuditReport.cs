namespace Floodgate.FlushWorker.Auditing;

/// <summary>What the audit of this process has seen.</summary>
/// <param name="Recounted">Posts recounted since the start.</param>
/// <param name="Wrong">Posts that were wrong.</param>
/// <param name="Corrected">Slots that were corrected.</param>
/// <param name="Sweeps">How often all posts have had their turn.</param>
/// <param name="LastRecount">When a sample was last recounted; null before the first.</param>
/// <param name="Partitions">The balance of each partition at the last look; difference 0 where all is well.</param>
internal sealed record AuditReport(
    long Recounted, long Wrong, long Corrected, long Sweeps, DateTimeOffset? LastRecount, IReadOnlyList<PartitionBalance> Partitions)
{
    /// <summary>Before the first look.</summary>
    public static AuditReport Empty { get; } = new(0, 0, 0, 0, null, []);
}
