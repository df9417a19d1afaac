using Floodgate.SimulationTests.Running;

namespace Floodgate.SimulationTests.Checking;

/// <summary>
/// Whether Redis and the database knew and answered everything while an operation ran, and what others had asked before it,
/// as it may share their answers. Then the answer includes the caller's own write.
/// </summary>
internal readonly record struct Calm(int Losses, string Generations)
{
    private static readonly TimeSpan Shared = TimeSpan.FromSeconds(2);

    public static Calm Of(Simulation world) => new(
        world.Redis.Losses,
        string.Join(' ', world.CounterServices.Select(of => of.Generation.Current))
            + string.Join(' ', world.FlushWorkers.Select(of => of.Generation.Current)) + world.Database.Tables.Epoch);

    /// <summary>Whether it was calm since then. Not where redelivery changes the order, as an apply below the watermark waits for its flush.</summary>
    public bool Lasts(Simulation world, TimeSpan since) => !world.Profile.Broker.Shuffles
        && world.Redis.Network.LastFailure < since - Shared && world.Database.Network.LastFailure < since - Shared && Of(world) == this;

    /// <summary>
    /// Whether Redis was told of a write and has not forgotten it: whoever raised the epoch meanwhile. Not where it does not answer, as then there is only
    /// the database.
    /// </summary>
    public static bool IsTold(Simulation world, LikeOperation write, TimeSpan lookedAt) =>
        world.Redis.Losses == write.Losses && world.Redis.Network.LastFailure < write.Started && lookedAt > write.Ended;
}
