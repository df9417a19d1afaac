using System.Globalization;
using System.Net;
using Floodgate.Bench.Counters.Load;
using Floodgate.Bench.Measuring;
using Spectre.Console;

namespace Floodgate.Bench.Counters;

/// <summary>Goes through the phases, round by round, so that what changes on the machine hits all of them alike.</summary>
internal sealed class CountersRun(CountersOptions options, CountersSystem system, ProcessorTimes processor, IAnsiConsole console, TimeProvider time)
{
    // An idle system uses less than this.
    private const double IdleCores = 0.15;
    private const int MostLooks = 10;
    private static readonly TimeSpan IdleFor = TimeSpan.FromSeconds(2);

    // What is compiled in the first pass is compiled anew, and better, in the background.
    private const int WarmUpPasses = 2;

    // How often a phase is run in a round before the least disturbed run of it is taken.
    private const int MostRuns = 3;

    private readonly LoadClient _client = new(time);
    private readonly QuietMachine _quiet = new(processor, options.Quiet, time);
    private readonly List<string> _faults = [];
    private double _others;
    private TimeSpan _measured;

    /// <summary>Runs everything.</summary>
    public async Task<CountersReport> RunAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        await using var totals = new Totals(system, options.DrainTimeout, time);
        var phases = new PhaseCatalog(system, totals, options.Seed, time).All().Where(phase => options.Only.Contains(phase.Name, StringComparer.Ordinal)).ToList();
        if (options.WarmUp > TimeSpan.Zero)
        {
            console.WriteLine("warming up");
            for (var pass = 0; pass < WarmUpPasses; pass++)
            {
                foreach (var phase in phases.Where(phase => phase.WarmUp))
                    await RunAsync(phase, options.WarmUp, new PhaseFigures(phase.Name, phase.What), idle: null, cancellation);
            }
        }

        var idle = await IdleAsync(cancellation);
        _others = 0;
        _measured = TimeSpan.Zero;
        var figures = phases.ConvertAll(phase => new PhaseFigures(phase.Name, phase.What));
        for (var round = 1; round <= options.Rounds; round++)
        {
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round} of {options.Rounds}"));
            for (var i = 0; i < phases.Count; i++) await RunAsync(phases[i], options.PhaseLength, figures[i], idle, cancellation);
        }

        return new CountersReport(options, figures, _faults)
        {
            At = time.GetUtcNow(),
            Took = time.GetElapsedTime(started),
            IdleCores = ServerCores(idle),
            OtherCores = _others / _measured.TotalSeconds,
        };
    }

    private async Task RunAsync(Phase phase, TimeSpan length, PhaseFigures figures, ProcessorSample? idle, CancellationToken cancellation)
    {
        (LoadResult Load, ProcessorSample Used, TimeSpan Took)? best = null;
        for (var runs = 1; ; runs++)
        {
            if (idle is not null) await _quiet.WaitAsync(cancellation);
            var run = await RunOnceAsync(phase, length, cancellation);
            var disturbed = idle is not null && _quiet.Disturbed(run.Used, run.Took);
            Show(phase, run.Load, disturbed);
            if (best is not { } other || QuietMachine.OtherCores(run.Used, run.Took) < QuietMachine.OtherCores(other.Used, other.Took)) best = run;
            if (!disturbed || runs == MostRuns) break;
        }

        // Chosen by what others did meanwhile and not by its rate, so that no lucky run is picked.
        var (load, used, took) = best.Value;
        figures.Add(load, Without(idle, used, took));
        _others += used.Machine - used.Total;
        _measured += took;
    }

    private async Task<(LoadResult Load, ProcessorSample Used, TimeSpan Took)> RunOnceAsync(Phase phase, TimeSpan length, CancellationToken cancellation)
    {
        var run = await phase.PrepareAsync(cancellation);
        var load = new LoadResult();
        var target = new IPEndPoint(IPAddress.Loopback, phase.Address.Port);
        var before = processor.Take();
        var started = time.GetTimestamp();
        await _client.RunAsync(target, run.Requests, options.Connections, length, load, cancellation);
        var totals = run.TotalsAsync is null ? null : await run.TotalsAsync(cancellation);
        var took = time.GetElapsedTime(started);
        if (totals is not null) _faults.AddRange(Conservation.Faults(phase.What, load, totals));
        if (load.Acknowledged == 0) _faults.Add($"{phase.What}: nothing was acknowledged.");
        return (load, processor.Take().Since(before), took);
    }

    private void Show(Phase phase, LoadResult load, bool disturbed)
    {
        var errors = load.Errors.Count == 0 ? "" : ", not acknowledged: " + string.Join(", ", load.Errors.Select(error => $"{error.Key}: {error.Value}"));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {phase.Name,-10} {load.Rate,10:N0} writes/s{errors}{(disturbed ? ", disturbed by others" : "")}"));
    }

    // What the system uses without load: health checks, polls. It would count the more the longer a phase waits for the drain.
    // The load has left the runtime code to compile and PostgreSQL pages to clean, so the quietest of several looks counts.
    private async Task<ProcessorSample> IdleAsync(CancellationToken cancellation)
    {
        ProcessorSample? least = null;
        for (var looks = 0; looks < MostLooks && (least is null || ServerCores(least) > IdleCores); looks++)
        {
            var before = processor.Take();
            await Task.Delay(IdleFor, time, cancellation);
            var used = processor.Take().Since(before);
            if (least is null || ServerCores(used) < ServerCores(least)) least = used;
        }

        return least!;
    }

    private static double ServerCores(ProcessorSample used) =>
        used.ByGroup.Where(pair => pair.Key != CountersSystem.Client).Sum(pair => pair.Value) / IdleFor.TotalSeconds;

    private static ProcessorSample Without(ProcessorSample? idle, ProcessorSample used, TimeSpan took)
    {
        var share = took / IdleFor;
        return new ProcessorSample(
            used.ByGroup.ToDictionary(pair => pair.Key, pair => pair.Value - ((idle?.ByGroup.GetValueOrDefault(pair.Key) ?? 0) * share), StringComparer.Ordinal),
            used.Machine);
    }
}
