using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lag;
using Floodgate.CounterService.Likes;
using Floodgate.CounterService.Reading;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.SimulationTests.Scheduling;
using Floodgate.SimulationTests.Servers;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;
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
    private readonly SimulatedRedis _redis;
    private readonly SimulatedReactions _reactions;
    private readonly SimulatedReads _reads;
    private readonly ReactionFill _fill;
    private readonly RedisPatience _patience;
    private readonly bool _believesRepeats;

    public CounterServiceProcess(SimulatedProcess process, Simulation world)
    {
        Process = process;
        _options = world.CounterOptions;
        var options = Options.Create(_options);
        var telemetry = world.CounterTelemetry;
        Generation = new RedisGeneration(process.Time);
        var reads = new SimulatedReads(process, world.Database, _options.LookupTimeout);
        var counters = new SimulatedCounters(process, world.Redis, Generation);
        var reactions = new SimulatedReactions(process, world.Redis, Generation);
        var publisher = world.Mutant.Publisher(new SimulatedPublisher(process, world.Broker), counters, reactions);
        var patience = new RedisPatience(options, process.Time);
        _patience = patience;
        var sender = new EnvelopeSender(
            publisher, counters, reactions, telemetry, patience, process.Time, NullLogger<EnvelopeSender>.Instance);

        // It is not started: nothing is refused because the flush is behind.
        var lag = new LagTracker(nodes: null!, telemetry, options, process.Time, NullLogger<LagTracker>.Instance);
        _coalescer = new WriteCoalescer(sender, lag, telemetry, options, process.Time);
        var slots = new SlotLookup(reads, counters, options, process.Time, NullLogger<SlotLookup>.Instance);
        _values = new ValueReader(new GatheredReads(counters), slots, patience, NullLogger<ValueReader>.Instance);
        var raise = new EpochRaise(world.Mutant.Epoch(new SimulatedEpoch(process, world.Database, Generation)), process.Time);
        _likes = new LikeWrites(
            _coalescer, reactions, new ReactionLookup(reads), _values, new VersionClock(process.Time), raise, patience, options,
            world.Mutant.LikeClock(process.Time), NullLogger<LikeWrites>.Instance);
        (_redis, _reactions, _reads) = (world.Redis, reactions, reads);
        _fill = new ReactionFill(reactions, reads, patience, telemetry, Options.Create(world.Mutant.Filling(_options)), process.Time, NullLogger<ReactionFill>.Instance);
        _believesRepeats = world.Mutant.TakesRepeatsForTruth;
        GenerationLoop.Start(process, Generation, world.Redis, world.Database);
    }

    /// <summary>The process.</summary>
    public SimulatedProcess Process { get; }

    /// <summary>What it believes.</summary>
    public RedisGeneration Generation { get; }

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
            var pair = (await _reactions.ReadAsync(user, [post])).Pairs[0];
            return pair.Reliance == Reliance.Full ? pair.Liked : null;
        }
        catch (StackExchange.Redis.RedisException)
        {
            return null;
        }
    }

    /// <summary>What a page of TimelineService would say of a pair this moment, if it knew what this process knows, without asking CounterService; null where it asks.</summary>
    public bool? Shown(long user, long post) =>
        !Process.IsDead && Generation.IsEpochFresh && _redis.Reactions.Read(user, [post], Generation.Current).Pairs[0] is { Reliance: Reliance.Full } pair
            ? pair.Liked
            : null;

    /// <summary>What <see cref="LikesOfPage"/> says of a pair; null where it does not say.</summary>
    public async Task<bool?> IsLikedAsync(long user, long post)
    {
        try
        {
            var remembered = await _patience.WaitAsync(_reactions.ReadAsync(user, [post]));
            _fill.Offer(user, remembered);
            var flushed = new Dictionary<long, FlushedReaction>();
            foreach (var unknown in PairStates.Unknown([post], remembered))
            {
                flushed.Add(unknown, (await _reads.ReadAsync([new Pair(user, unknown)]))[0]);
            }

            return PairStates.Merge([post], remembered, flushed)[0];
        }
        catch (Exception exception) when (exception is StackExchange.Redis.RedisException or Npgsql.NpgsqlException or TimeoutException)
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
