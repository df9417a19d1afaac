using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Reading;
using Floodgate.CounterTests.Running;
using Floodgate.FlushWorker.Applying;
using Floodgate.FlushWorker.Consuming;
using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Parking;
using Floodgate.FlushWorker.Reconciling;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Floodgate.CounterTests.Flushing;

/// <summary>The flush of one partition that is nobody else's, step by step, on real servers.</summary>
internal sealed class FlushBench : IAsyncDisposable, IVisibleEpoch
{
    // Far from the partitions of the services, and each test has its own.
    private static int _lastPartition = 500;

    private readonly Servers _servers;
    private readonly FlushTelemetry _telemetry = new(TimeProvider.System);
    private readonly IOptions<FlushOptions> _options;
    private readonly ConfirmedPublisher _publisher;
    private readonly BrokerConnection _connection;
    private long _sequence;
    private long _epoch = 1;

    public FlushBench(Servers servers, TimeSpan? reconcilePatience = null)
    {
        _servers = servers;
        Partition = Interlocked.Increment(ref _lastPartition);
        _options = Options.Create(new FlushOptions { FlushInterval = TimeSpan.FromMilliseconds(50), ReconcilePatience = reconcilePatience ?? TimeSpan.FromSeconds(5) });
        Generation.SetRun("test", losses: 0);
        Generation.SetEpoch(1);
        Hash = new CounterHash(servers.Redis, Generation, TimeSpan.FromHours(1));
        Transaction = new FlushTransaction(new PostgresNodes(servers.Postgres, []), _options);
        Reconciler = new Reconciler(Hash, this, _telemetry, _options, TimeProvider.System, NullLogger<Reconciler>.Instance);
        _publisher = new ConfirmedPublisher(servers.Broker, 10, TimeSpan.FromSeconds(5));
        _connection = new BrokerConnection(new ConnectionFactory { Uri = new Uri(servers.BrokerConnection) }, "test", TimeProvider.System);
        Flusher = new BatchFlusher(
            Transaction, Reconciler, new ParkedEnvelopes(_connection, _publisher, _telemetry, NullLogger<ParkedEnvelopes>.Instance), _telemetry);
    }

    public int Partition { get; }

    public Guid Producer { get; } = Guid.CreateVersion7();

    public VisibleGeneration Generation { get; } = new();

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

    /// <summary>Loads a counter as CounterService does.</summary>
    public async Task<long> ReloadAsync(CounterId counter)
    {
        var lookup = new SlotLookup(
            new PostgresNodes(_servers.Postgres, []), Hash, Options.Create(new CounterOptions()), TimeProvider.System, NullLogger<SlotLookup>.Instance);
        return await lookup.GetAsync(counter);
    }

    public Task RaiseAsync(CancellationToken cancellationToken)
    {
        Generation.SetEpoch(++_epoch);
        return Task.CompletedTask;
    }

    public async Task<long> FlushedAsync(CounterId counter) =>
        await _servers.ScalarAsync<long>($"SELECT coalesce(sum(value), 0)::bigint FROM counter_slots WHERE name = '{counter.Name}' AND key = '{counter.Key}'");

    public async Task<long> ReactionsAsync(long post) =>
        await _servers.ScalarAsync<long>($"SELECT count(*) FROM reactions WHERE post_id = {post} AND liked");

    public async Task<string> LedgerAsync() =>
        await _servers.ScalarAsync<string>($"SELECT applied::text FROM flush_ledger WHERE partition = {Partition} AND producer = '{Producer}'");

    public async Task DeclareAsync()
    {
        await using var channel = await _servers.Broker.CreateChannelAsync(cancellationToken: Token);
        await QueueTopology.DeclareAsync(channel, QueueTopology.CounterFlush(Partition), singleActiveConsumer: true, Token);
    }

    public Task PublishAsync(CounterEnvelope envelope) => PublishAsync(EnvelopeCodec.Encode(envelope));

    public Task PublishAsync(byte[] body) => _publisher.PublishAsync(QueueTopology.CounterFlush(Partition), body, new BasicProperties(), Token);

    /// <summary>Consumes until the queue is empty and everything is acknowledged.</summary>
    public async Task ConsumeAsync(long envelopes)
    {
        var consumer = new PartitionConsumer(Partition, Flusher, _options, TimeProvider.System, NullLogger<PartitionConsumer>.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var connection = await new ConnectionFactory { Uri = new Uri(_servers.BrokerConnection) }.CreateConnectionAsync(Token);
        var running = consumer.RunAsync(connection, stop.Token);
        await Wait.UntilAsync(() => Task.FromResult(consumer.Acknowledged >= envelopes || running.IsCompleted), "all envelopes are acknowledged");
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.Equal(envelopes, consumer.Acknowledged);
    }

    public async ValueTask DisposeAsync()
    {
        await using (var channel = await _servers.Broker.CreateChannelAsync())
        {
            await channel.QueueDeleteAsync(QueueTopology.CounterFlush(Partition), ifUnused: false, ifEmpty: false);
        }

        await _publisher.DisposeAsync();
        await _connection.DisposeAsync();
        _telemetry.Dispose();
    }
}
