using Floodgate.FlushWorker.Applying;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;

namespace Floodgate.Model;

/// <summary>
/// The tables of the flush, and what its transactions do to them, in C#. That it is the same is what the conformance tests
/// show, on a real PostgreSQL.
/// </summary>
/// <param name="now">The clock.</param>
internal sealed class ModelStore(Func<DateTimeOffset> now)
{
    private readonly Dictionary<int, ModelPartition> _partitions = [];
    private readonly Dictionary<(int Partition, Guid Producer), ModelLedger> _ledger = [];
    private readonly Dictionary<(CounterId Counter, int Partition), (long Value, long Version)> _slots = [];
    private readonly Dictionary<(long User, long Post), Reaction> _reactions = [];
    private readonly HashSet<RequestKey> _requests = [];
    private readonly List<ModelParked> _parked = [];

    /// <summary>The epoch of visible values.</summary>
    public long Epoch { get; set; } = 1;

    /// <summary>A counter whose envelope fails in the database, whatever one does; null where there is none.</summary>
    public CounterId? Poison { get; set; }

    /// <summary>A bug put in on purpose: only watermarks, so that what lies in a gap counts as applied.</summary>
    public bool HasNoGaps { get; set; }

    public IReadOnlyDictionary<int, ModelPartition> Partitions => _partitions;

    public IReadOnlyDictionary<(CounterId Counter, int Partition), (long Value, long Version)> Slots => _slots;

    public IReadOnlyDictionary<(long User, long Post), Reaction> Reactions => _reactions;

    public IReadOnlyCollection<RequestKey> Requests => _requests;

    public IReadOnlyList<ModelParked> Parked => _parked;

    /// <summary>The sequences of a producer that are applied.</summary>
    public IEnumerable<long> Applied(int partition, Guid producer) =>
        _ledger.TryGetValue((partition, producer), out var ledger) ? ledger.Applied : [];

    /// <summary>What a flush transaction does, at one moment; if it throws, it did nothing.</summary>
    /// <exception cref="ModelContentException">An envelope cannot be applied.</exception>
    public FlushedBatch Commit(int partition, IReadOnlyList<CounterEnvelope> envelopes)
    {
        var row = PartitionOf(partition);
        var applied = envelopes.Select(of => of.Id).Where(IsApplied).ToHashSet();
        var content = new BatchContent(envelopes, applied, producer => IsRetired(row, producer));
        if (Poison is { } poison && envelopes.Any(of => content.Fresh.Contains(of.Id) && of.Deltas.Any(delta => delta.Counter == poison)))
        {
            throw new ModelContentException();
        }

        var version = ++row.Version;
        var repeated = UseRequests(content);
        WriteReactions(content);
        EnterLedger(partition, content.Fresh);
        row.Envelopes += content.Fresh.Count;
        row.Amount += (long)content.Total;
        _parked.RemoveAll(of => of.Partition == partition && of.Envelope is { } envelope && content.Fresh.Contains(envelope.Id));
        return new FlushedBatch(
            version, content.Fresh.Count, content.Writes, content.Duplicates, repeated, content.Retired, AddToSlots(row, version, content), [.. content.Named]);
    }

    /// <summary>What putting an envelope aside does.</summary>
    public ParkedEnvelope Park(int partition, ReadOnlyMemory<byte> body, CounterEnvelope? envelope, string reason)
    {
        var isNew = !_parked.Exists(of => of.Partition == partition && of.Body.AsSpan().SequenceEqual(body.Span));
        if (isNew)
        {
            _parked.Add(new ModelParked(partition, body.ToArray(), envelope, reason));
        }

        if (envelope is null)
        {
            return new ParkedEnvelope(isNew, FlushedBatch.Empty);
        }

        var watermarks = WatermarksOf(partition);
        var touched = new BatchContent([envelope], new HashSet<EnvelopeId> { envelope.Id }).Touched;
        return new ParkedEnvelope(isNew, FlushedBatch.Empty with
        {
            Slots = [.. touched.Select(of =>
            {
                var (value, version) = _slots.GetValueOrDefault((of.Key, partition));
                return new FlushedSlot(of.Key, new CounterSlot(partition, value, version, watermarks), version, of.Value);
            })],
        });
    }

    /// <summary>The slots of a counter with the watermarks of the same moment.</summary>
    public IReadOnlyList<CounterSlot> ReadSlots(CounterId counter) =>
        [.. _slots.Where(of => of.Key.Counter == counter).Select(of =>
            new CounterSlot(of.Key.Partition, of.Value.Value, of.Value.Version, WatermarksOf(of.Key.Partition)))];

    /// <summary>The pairs of a user.</summary>
    public IEnumerable<StoredReaction> ReadReactions(long user) =>
        _reactions.Where(of => of.Key.User == user).OrderByDescending(of => of.Key.Post).Select(of => new StoredReaction(of.Key.Post, of.Value.Liked, of.Value.Version));

    /// <summary>A pair; version 0 where it never was.</summary>
    public (bool Liked, long Version) ReadReaction(long user, long post) =>
        _reactions.TryGetValue((user, post), out var reaction) ? (reaction.Liked, reaction.Version) : (false, 0);

    /// <summary>Forgets the producers of which nothing was applied for long.</summary>
    public void Retire(int partition, DateTimeOffset before)
    {
        PartitionOf(partition).RetiredBefore = before;
        foreach (var key in _ledger.Where(of => of.Key.Partition == partition && of.Value.UpdatedAt < before).Select(of => of.Key).ToArray())
        {
            _ledger.Remove(key);
        }
    }

    /// <summary>The watermarks of a partition.</summary>
    public string WatermarksOf(int partition) => Watermarks.Format(_ledger
        .Where(of => of.Key.Partition == partition && of.Value.UpdatedAt > now() - Watermarks.NamedFor)
        .Select(of => (of.Key.Producer, of.Value.Applied.Max)));

    private ModelPartition PartitionOf(int partition)
    {
        if (!_partitions.TryGetValue(partition, out var row))
        {
            _partitions.Add(partition, row = new ModelPartition(partition));
        }

        return row;
    }

    private bool IsApplied(EnvelopeId id) => _ledger.TryGetValue((id.Partition, id.Producer), out var ledger)
        && (HasNoGaps ? ledger.Applied.Max >= id.Sequence : ledger.Applied.Contains(id.Sequence));

    private bool IsRetired(ModelPartition row, Guid producer) => row.RetiredBefore is { } before
        && ProducerAge.MadeBefore(producer, before.UtcDateTime) && !_ledger.ContainsKey((row.Partition, producer));

    private int UseRequests(BatchContent content)
    {
        var repeated = 0;
        foreach (var request in content.Requests.Keys)
        {
            if (_requests.Add(request))
            {
                content.Accept(request);
            }
            else
            {
                repeated++;
            }
        }

        return repeated;
    }

    private void WriteReactions(BatchContent content)
    {
        foreach (var reaction in content.Reactions)
        {
            var before = ReadReaction(reaction.User, reaction.Post);
            if (before.Version >= reaction.Version)
            {
                continue;
            }

            _reactions[(reaction.User, reaction.Post)] = reaction;
            if (before.Liked != reaction.Liked)
            {
                content.Change(reaction.User, reaction.Post, reaction.Liked ? 1 : -1);
            }
        }
    }

    private void EnterLedger(int partition, IReadOnlyList<EnvelopeId> fresh)
    {
        foreach (var id in fresh)
        {
            if (!_ledger.TryGetValue((partition, id.Producer), out var ledger))
            {
                _ledger.Add((partition, id.Producer), ledger = new ModelLedger());
            }

            ledger.Applied.Add(id.Sequence);
            ledger.UpdatedAt = now();
        }
    }

    private List<FlushedSlot> AddToSlots(ModelPartition row, long version, BatchContent content)
    {
        var watermarks = WatermarksOf(row.Partition);
        var slots = new List<FlushedSlot>(content.Touched.Count);
        foreach (var (counter, envelopes) in content.Touched)
        {
            var before = _slots.GetValueOrDefault((counter, row.Partition));
            var value = before.Value + content.SumOf(counter);
            _slots[(counter, row.Partition)] = (value, version);
            slots.Add(new FlushedSlot(counter, new CounterSlot(row.Partition, value, version, watermarks), before.Version, envelopes));
        }

        return slots;
    }
}

/// <summary>A row of <c>flush_partitions</c>.</summary>
internal sealed class ModelPartition(int partition)
{
    public int Partition => partition;

    public long Version { get; set; }

    public DateTimeOffset? RetiredBefore { get; set; }

    public long Envelopes { get; set; }

    public long Amount { get; set; }
}

/// <summary>A row of <c>flush_ledger</c>.</summary>
internal sealed class ModelLedger
{
    public SortedSet<long> Applied { get; } = [];

    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A row of <c>flush_parked</c>.</summary>
internal sealed record ModelParked(int Partition, byte[] Body, CounterEnvelope? Envelope, string Reason);

/// <summary>Something in a batch cannot be applied, however often one tries.</summary>
internal sealed class ModelContentException() : Exception("A value is out of range.");
