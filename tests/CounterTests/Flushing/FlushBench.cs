using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Reading;
using Floodgate.CounterTests.Running;
using Floodgate.FlushWorker.Applying;
using Floodgate.FlushWorker.Consuming;
using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Reconciling;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.Redis;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Floodgate.CounterTests.Flushing;

/// <summary>The flush of one partition that is nobody else's, step by step, on real servers.</summary>
internal sealed class FlushBench : IAsyncDisposable, IRedisEpoch
{
    // Far from the partitions of the services, and each test has its own.
    private static int _lastPartition = 500;

    private readonly Servers _servers;
    private readonly FlushTelemetry _telemetry = new(TimeProvider.System);
    private readonly IOptions<FlushOptions> _options;
    private readonly ConfirmedPublisher _publisher;
    private long _sequence;
    private long _epoch = 1;

    public FlushBench(Servers servers, TimeSpan? reconcilePatience = null, TimeSpan? commitTimeout = null)
    {
        _servers = servers;
        Partition = Interlocked.Increment(ref _lastPartition);
        _options = Options.Create(new FlushOptions
        {
            FlushInterval = TimeSpan.FromMilliseconds(50),
            ReconcilePatience = reconcilePatience ?? TimeSpan.FromSeconds(5),
            CommitTimeout = commitTimeout ?? TimeSpan.FromSeconds(30),
        });
        Generation.SetRun("test", losses: 0);
        Generation.SetEpoch(1, losses: 0);
        Hash = new CounterHash(servers.Redis, Generation, TimeSpan.FromHours(1));
        Transaction = new FlushTransaction(new PostgresNodes(servers.Postgres), _options);
        Reactions = new ReactionHash(servers.Redis, Generation, TimeSpan.FromHours(1));
        Reconciler = new Reconciler(Hash, new LateReactions(Reactions, Transaction, _options, TimeProvider.System), this, _telemetry, _options, TimeProvider.System, NullLogger<Reconciler>.Instance);
        _publisher = new ConfirmedPublisher(servers.Broker, 10, TimeSpan.FromSeconds(5));
        Flusher = new BatchFlusher(Transaction, Reconciler, _telemetry, NullLogger<BatchFlusher>.Instance);
    }

    public int Partition { get; }

    public ReactionHash Reactions { get; }

    /// <summary>How often a batch could not be flushed.</summary>
    public int Failures { get; private set; }

    public Guid Producer { get; } = Guid.CreateVersion7();

    public RedisGeneration Generation { get; } = new(TimeProvider.System);

    public CounterHash Hash { get; }

    public FlushTransaction Transaction { get; }

    public Reconciler Reconciler { get; }

    public BatchFlusher Flusher { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A counter of its own.</summary>
    public static CounterId NewCounter() => new("test", Guid.NewGuid().ToString("N"));

    /// <summary>A post of its own.</summary>
    public static long NewPost() => Random.Shared.NextInt64(1L << 40, 1L << 50);

    public CounterEnvelope Add(CounterId counter, long amount, RequestKey? request = null) =>
        Envelope([new CounterDelta(counter, amount, request)], []);

    public CounterEnvelope React(params Reaction[] reactions) => Envelope([], reactions);

    public CounterEnvelope Envelope(CounterDelta[] deltas, Reaction[] reactions) =>
        new(new EnvelopeId(Producer, Partition, ++_sequence), DateTimeOffset.UtcNow, deltas, reactions);

    /// <summary>Leaves a number unused, as an envelope does that was never confirmed.</summary>
    public void Skip() => _sequence++;

    /// <summary>Commits and reconciles a batch.</summary>
    public async Task<FlushedBatch> FlushAsync(params CounterEnvelope[] envelopes)
    {
        var flushed = await Transaction.CommitAsync(Partition, envelopes, Token);
        await Reconciler.ReconcileAsync(Partition, flushed, Token);
        return flushed;
    }

    /// <summary>Shows an envelope, as CounterService does after the confirm.</summary>
    public Task<long?> ApplyAsync(CounterEnvelope envelope, CounterId counter, long amount) =>
        Hash.ApplyAsync(counter, new EnvelopeMark(envelope.Id), amount);

    public Task<long> LoadAsync(CounterId counter) => LoadAsync(counter, []);

    public async Task<long> LoadAsync(CounterId counter, params CounterSlot[] slots)
    {
        var mark = await Hash.BeginLoadAsync(counter, Guid.NewGuid().ToString("N"));
        return Assert.NotNull(await Hash.LoadAsync(counter, mark, slots));
    }

    /// <summary>What is shown of a counter.</summary>
    public async Task<long?> ShownAsync(CounterId counter) => (await Hash.ReadAsync([counter]))[0];

    /// <summary>Loads a counter as CounterService does.</summary>
    public async Task<long> ReloadAsync(CounterId counter)
    {
        var options = Options.Create(new CounterOptions());
        var table = new SlotTable(new PostgresNodes(_servers.Postgres), options);
        var lookup = new SlotLookup(table, Hash, options, TimeProvider.System, NullLogger<SlotLookup>.Instance);
        return (await lookup.GetAsync(counter)).Value;
    }

    public Task RaiseAsync(CancellationToken cancellationToken)
    {
        Generation.SetEpoch(++_epoch, Generation.Losses);
        return Task.CompletedTask;
    }

    public async Task<long> FlushedAsync(CounterId counter) =>
        await _servers.ScalarAsync<long>($"SELECT coalesce(sum(value), 0)::bigint FROM counter_slots WHERE name = '{counter.Name}' AND key = '{counter.Key}'");

    public async Task<long> ReactionsAsync(long post) =>
        await _servers.ScalarAsync<long>($"SELECT count(*) FROM reactions WHERE post_id = {post} AND liked");

    /// <summary>What is put aside of this partition: content and reason.</summary>
    public async Task<List<(byte[] Content, string Reason)>> ParkedAsync()
    {
        await using var command = _servers.Postgres.CreateCommand($"SELECT content, reason FROM flush_parked WHERE partition = {Partition} ORDER BY id");
        await using var reader = await command.ExecuteReaderAsync(Token);
        var parked = new List<(byte[], string)>();
        while (await reader.ReadAsync(Token))
        {
            parked.Add((reader.GetFieldValue<byte[]>(0), reader.GetString(1)));
        }

        return parked;
    }

    public async Task<string> ParkedIdAsync() =>
        await _servers.ScalarAsync<string>($"SELECT max(id)::text FROM flush_parked WHERE partition = {Partition}");

    public async Task<string> LedgerAsync() =>
        await _servers.ScalarAsync<string>($"SELECT applied::text FROM flush_ledger WHERE partition = {Partition} AND producer = '{Producer}'");

    public async Task DeclareAsync()
    {
        await using var channel = await _servers.Broker.CreateChannelAsync(cancellationToken: Token);
        await QueueTopology.DeclareCounterFlushAsync(channel, Partition, Token);
    }

    public Task PublishAsync(CounterEnvelope envelope) => PublishAsync(EnvelopeCodec.Encode(envelope));

    public Task PublishAsync(byte[] body) => _publisher.PublishAsync(QueueTopology.CounterFlush(Partition), body, new BasicProperties(), Token);

    /// <summary>Consumes until the queue is empty and everything is acknowledged.</summary>
    public async Task ConsumeAsync(long envelopes)
    {
        var drain = new PartitionDrain(Partition, Flusher, _options, TimeProvider.System, new CountingLogger(this));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var connection = await new ConnectionFactory { Uri = new Uri(_servers.BrokerConnection) }.CreateConnectionAsync(Token);
        await using var source = await RabbitEnvelopeSource.OpenAsync(connection, Partition, _options.Value.Prefetch, Token);
        var running = drain.RunAsync(source, letGo: CancellationToken.None, stop.Token);
        await Wait.UntilAsync(() => Task.FromResult(drain.Acknowledged >= envelopes || running.IsCompleted), "all envelopes are acknowledged");
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.Equal(envelopes, drain.Acknowledged);
    }

    public async ValueTask DisposeAsync()
    {
        await using (var channel = await _servers.Broker.CreateChannelAsync())
        {
            await channel.QueueDeleteAsync(QueueTopology.CounterFlush(Partition), ifUnused: false, ifEmpty: false);
        }

        await _publisher.DisposeAsync();
        _telemetry.Dispose();
    }

    private sealed class CountingLogger(FlushBench bench) : ILogger<PartitionDrain>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            bench.Failures += eventId.Id == 4003 ? 1 : 0;
        }
    }
}
