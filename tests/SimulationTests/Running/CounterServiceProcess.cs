using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lag;
using Floodgate.CounterService.Likes;
using Floodgate.CounterService.Reading;
using Floodgate.Messaging.Counters;
using Floodgate.SimulationTests.Scheduling;
using Floodgate.SimulationTests.Servers;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Floodgate.SimulationTests.Running;

/// <summary>One run of CounterService: its real classes on simulated servers.</summary>
internal sealed class CounterServiceProcess
{
    private readonly CounterOptions _options;
    private readonly WriteCoalescer _coalescer;
    private readonly LikeWrites _likes;
    private readonly ValueReader _values;

    public CounterServiceProcess(SimulatedProcess process, Simulation world)
    {
        Process = process;
        _options = world.CounterOptions;
        var options = Options.Create(_options);
        var telemetry = world.CounterTelemetry;
        Generation = new VisibleGeneration();
        var reads = new SimulatedReads(process, world.Database, _options.Partitions, _options.LookupTimeout);
        var counters = new SimulatedCounters(process, world.Redis, Generation);
        var reactions = new SimulatedReactions(process, world.Redis, Generation);
        var publisher = world.Mutant.Publisher(new SimulatedPublisher(process, world.Broker), counters, reactions);
        var sender = new EnvelopeSender(
            publisher, counters, reactions, telemetry, options, process.Time, NullLogger<EnvelopeSender>.Instance);

        // It is not started: nothing is refused because the flush is behind.
        var lag = new LagTracker(nodes: null!, telemetry, options, process.Time, NullLogger<LagTracker>.Instance);
        _coalescer = new WriteCoalescer(sender, lag, telemetry, options, process.Time);
        var slots = new SlotLookup(reads, counters, options, process.Time, NullLogger<SlotLookup>.Instance);
        _values = new ValueReader(counters, slots, options, process.Time, NullLogger<ValueReader>.Instance);
        _likes = new LikeWrites(
            _coalescer, reactions, new ReactionLookup(reads), _values, new VersionClock(process.Time), telemetry, options, process.Time,
            NullLogger<LikeWrites>.Instance);
        GenerationLoop.Start(process, Generation, world.Redis, world.Database);
    }

    /// <summary>The process.</summary>
    public SimulatedProcess Process { get; }

    /// <summary>What it believes.</summary>
    public VisibleGeneration Generation { get; }

    /// <summary><c>PUT</c> and <c>DELETE /posts/{id}/like</c>.</summary>
    public Task<LikeResult> LikeAsync(long user, long post, bool liked) => _likes.SetAsync(user, post, liked);

    /// <summary><c>POST /counters/{name}/{key}</c>.</summary>
    public async Task<LikeResult> AddAsync(CounterId counter, long by, RequestKey? request)
    {
        var outcome = await _coalescer.WriteAsync(CounterPartition.Of(counter, _options.Partitions), new PendingWrite(counter, by) { Request = request });
        return outcome.Status == WriteStatus.Durable
            ? new LikeResult(outcome.Status, outcome is { RedisAnswered: true, Value: null } ? await _values.TryReadAsync(counter) : outcome.Value)
            : new LikeResult(outcome.Status, null);
    }

    /// <summary><c>GET /counters/{name}</c>.</summary>
    public Task<long?> ReadAsync(CounterId counter) => _values.TryReadAsync(counter);
}
