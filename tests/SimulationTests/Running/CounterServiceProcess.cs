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
    private readonly SimulatedReactions _reactions;
    private readonly bool _believesRepeats;

    public CounterServiceProcess(SimulatedProcess process, Simulation world)
    {
        Process = process;
        _options = world.CounterOptions;
        var options = Options.Create(_options);
        var telemetry = world.CounterTelemetry;
        Generation = new VisibleGeneration();
        var reads = new SimulatedReads(process, world.Database, _options.LookupTimeout);
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
        var unannounced = new UnannouncedLikes(world.Mutant.Epoch(new SimulatedEpoch(process, world.Database, Generation)), process.Time);
        _likes = new LikeWrites(
            _coalescer, reactions, new ReactionLookup(reads), _values, new VersionClock(process.Time), unannounced, options, process.Time,
            NullLogger<LikeWrites>.Instance);
        _reactions = reactions;
        _believesRepeats = world.Mutant.TakesRepeatsForTruth;
        GenerationLoop.Start(process, Generation, world.Redis, world.Database);
    }

    /// <summary>The process.</summary>
    public SimulatedProcess Process { get; }

    /// <summary>What it believes.</summary>
    public VisibleGeneration Generation { get; }

    /// <summary><c>PUT</c> and <c>DELETE /posts/{id}/like</c>.</summary>
    public async Task<LikeResult> LikeAsync(long user, long post, bool liked) =>
        _believesRepeats && await StateAsync(user, post) == liked
            ? new LikeResult(WriteStatus.Durable, null)
            : await _likes.SetAsync(user, post, liked);

    /// <summary>What Redis says of a pair; null where it does not say.</summary>
    public async Task<bool?> StateAsync(long user, long post)
    {
        try
        {
            return (await _reactions.ReadAsync(user, [post]))[0];
        }
        catch (StackExchange.Redis.RedisException)
        {
            return null;
        }
    }

    /// <summary><c>POST /counters/{name}/{key}</c>.</summary>
    public async Task<LikeResult> AddAsync(CounterId counter, long by, RequestKey? request)
    {
        var outcome = await _coalescer.WriteAsync(CounterPartition.Of(counter, _options.Partitions), new PendingWrite(counter, by) { Request = request });
        return new LikeResult(outcome.Status, await _values.AfterAsync(counter, outcome));
    }

    /// <summary><c>GET /counters/{name}</c>.</summary>
    public async Task<long?> ReadAsync(CounterId counter)
    {
        try
        {
            return (await _values.ReadAsync([counter]))[0];
        }
        catch (Exception exception) when (exception is Npgsql.NpgsqlException or TimeoutException)
        {
            return null;
        }
    }
}
