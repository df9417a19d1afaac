using Floodgate.Bench.Consistency.Disturbing;
using Floodgate.Bench.Consistency.Load;
using Floodgate.Bench.Consistency.Outage;
using Floodgate.Bench.Consistency.Overhead;
using Floodgate.Bench.Consistency.Sharing;
using Floodgate.Bench.Measuring;
using Spectre.Console;

namespace Floodgate.Bench.Consistency;

/// <summary>Goes through the parts on one system: first what needs it healthy, then what disturbs it.</summary>
internal sealed class ConsistencyRun(ConsistencyOptions options, ConsistencySystem system, IAnsiConsole console, TimeProvider time)
{
    private const long FirstHealthyUser = 4_000_000;
    private const long FirstDisturbedUser = 5_000_000;

    private readonly ProgressDisplay _display = new(console, time);

    /// <summary>Runs everything that is asked for.</summary>
    public async Task<ConsistencyReport> RunAsync(CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        ReadShare? share = null;
        IReadOnlyList<OverheadFigures>? overhead = null;
        PolicyViolations? violations = null;
        OutageFigures? outage = null;
        if (Has(PartName.Share))
        {
            using var load = await SignUpAsync(FirstHealthyUser, cancellation);
            await _display.RunAsync(
                "healthy replicas", HealthyRun.Steps(options.Healthy), async progress => share = await HealthyRun.RunAsync(load, options.Healthy, progress, time, cancellation), cancellation);
        }

        if (Has(PartName.Overhead))
        {
            await _display.RunAsync(
                "overhead of the router", OverheadRun.Steps,
                async progress => overhead = await new OverheadRun(system, options.Seed, time).RunAsync(progress, cancellation), cancellation);
        }

        if (Has(PartName.Violations)) violations = await DisturbAsync(cancellation);
        if (Has(PartName.Outage))
        {
            await _display.RunAsync(
                "the primary is away", Seconds(options.Outage),
                async progress => outage = await new OutageRun(system, options.Seed, time).RunAsync(options.Outage, progress, cancellation), cancellation);
        }

        return new ConsistencyReport(options)
        {
            Share = share,
            Overhead = overhead,
            Violations = violations,
            Outage = outage,
            At = time.GetUtcNow(),
            Took = time.GetElapsedTime(began),
        };
    }

    private async Task<PolicyViolations> DisturbAsync(CancellationToken cancellation)
    {
        using var load = await SignUpAsync(FirstDisturbedUser, cancellation);
        var began = time.GetTimestamp();
        var events = new List<string>();
        var schedule = Disturbance.Schedule(new Random(options.Seed), options.Disturbed, system.Cluster.Replicas.Count);
        PolicyViolations? found = null;
        await _display.RunAsync(
            "disturbed nodes", schedule.Count,
            async progress =>
            {
                var disturber = new Disturber(system.Cluster, Note, time) { Progress = progress };
                var violations = await new DisturbedRun(load, disturber).RunAsync(schedule, cancellation);
                found = new PolicyViolations(load.World, violations, disturber.Done, events, began, time.TimestampFrequency);
            },
            cancellation);
        return found!;

        void Note(string line)
        {
            lock (events) events.Add(FormattableString.Invariant($"{time.GetElapsedTime(began).TotalSeconds:0.0} s {line}"));
        }
    }

    private Task<ConsistencyLoad> SignUpAsync(long firstUser, CancellationToken cancellation) =>
        ConsistencyLoad.SignUpAsync(system.Doors, options.Sessions, firstUser, options.Seed, time, cancellation);

    private bool Has(string part) => options.Parts.Contains(part, StringComparer.Ordinal);

    private static long Seconds(TimeSpan length) => (long)Math.Ceiling(length.TotalSeconds);
}
