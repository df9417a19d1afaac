using Floodgate.Bench.Consistency.Checking;
using Floodgate.Bench.Consistency.Disturbing;
using Floodgate.Bench.Consistency.Load;
using Floodgate.Bench.Gateway;
using Floodgate.SystemTests.Running;

namespace Floodgate.SystemTests.Consistency;

/// <summary>
/// Sessions write and read posts for a minute while replicas are paused, slowed and killed, and the primary is killed.
/// One half of them asks for session consistency, the other for less, on the same system at the same time. The chance is
/// seeded: <c>FLOODGATE_CONSISTENCY_SEED</c>, a whole number, gives the same schedule and the same wishes of the sessions
/// again (what meets what is up to the machine).
/// </summary>
public sealed class ConsistencyTests(RunningSystem system, ITestOutputHelper output)
{
    private const string SeedVariable = "FLOODGATE_CONSISTENCY_SEED";
    private const int Sessions = 24;
    private const long FirstUser = 7_000_000;
    private const int MostShown = 5;

    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_never_goes_back_in_time_whatever_is_paused_slowed_or_killed()
    {
        var seed = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.TickCount;
        output.WriteLine($"{SeedVariable}={seed}");
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        using var gateway = system.Gateway();
        Door session = new("lsn", gateway.BaseAddress!);
        Door cached = new("lsn-cached", gateway.BaseAddress!, PastCaches: false);
        Door eventual = new("eventual", gateway.BaseAddress!, Consistency: "eventual");
        using var load = await ConsistencyLoad.SignUpAsync([session, cached, eventual], Sessions, FirstUser, seed, time, Cancel);
        var cluster = new RunningCluster(system);
        var disturber = new Disturber(cluster, Log, time);
        var run = new DisturbedRun(load, disturber);

        var violations = await run.RunAsync(Disturbance.Schedule(new Random(seed), Length, cluster.Replicas.Count), Cancel);

        var ofSessions = violations.Where(violation => load.World.PolicyOf(violation.Session) == session.Policy).ToList();
        var ofCached = violations.Where(violation => load.World.PolicyOf(violation.Session) == cached.Policy).ToList();
        var ofEventual = violations.Where(violation => load.World.PolicyOf(violation.Session) == eventual.Policy).ToList();
        Report(session, ofSessions);
        Report(cached, ofCached);
        Report(eventual, ofEventual);

        Assert.True(ofSessions.Count == 0, $"{SeedVariable}={seed}\n{string.Join('\n', ofSessions.Take(MostShown).Select(Explain))}");
        Assert.True(ofCached.Count == 0, $"{SeedVariable}={seed}\n{string.Join('\n', ofCached.Take(MostShown).Select(Explain))}");
        Assert.True(load.World.Faults.Noted.Count == 0, $"{SeedVariable}={seed}\n{string.Join('\n', load.World.Faults.Noted)}");

        // Had there been nothing to find, or nothing that looks, this would not hold.
        Assert.Contains(ofEventual, violation => violation.Guarantee == Guarantee.ReadYourWrites);
        Assert.Contains(ofEventual, violation => violation.Guarantee == Guarantee.MonotonicReads);
        Assert.All(Enum.GetValues<DisturbanceKind>(), kind => Assert.True(disturber.Done.GetValueOrDefault(kind) >= 2, $"{kind} was not done twice."));

        void Report(Door door, List<Violation> found)
        {
            Log($"{door.Policy}: {run.Count(door.Policy, Outcome.Acknowledged)} acknowledged, {run.Count(door.Policy, Outcome.Refused)} refused, "
                + $"{run.Count(door.Policy, Outcome.Unknown)} unknown, {found.Count} violations: "
                + string.Join(", ", found.CountBy(violation => violation.Guarantee).Select(count => $"{count.Key} {count.Value}")));
            foreach (var guarantee in found.DistinctBy(violation => violation.Guarantee)) output.WriteLine(Explain(guarantee));
        }

        string Explain(Violation violation) => violation.Explain(began, time.TimestampFrequency);

        void Log(string line) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(began).TotalSeconds,6:0.0} s {line}"));
    }
}
