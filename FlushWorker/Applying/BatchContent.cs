using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;

namespace Floodgate.FlushWorker.Applying;

/// <summary>What a batch of envelopes comes to, once those that are applied already are left out.</summary>
internal sealed class BatchContent
{
    private readonly Dictionary<(long User, long Post), Reaction> _reactions = [];
    private readonly Dictionary<CounterId, List<string>> _touched = [];
    private readonly Dictionary<CounterId, long> _sums = [];
    private readonly Dictionary<RequestKey, CounterDelta> _requests = [];
    private readonly List<EnvelopeId> _fresh = [];

    public BatchContent(IReadOnlyList<CounterEnvelope> envelopes, IReadOnlySet<EnvelopeId> applied)
    {
        var seen = new HashSet<EnvelopeId>();
        foreach (var envelope in envelopes)
        {
            if (!seen.Add(envelope.Id))
            {
                Duplicates++;
                continue;
            }

            Touch(envelope);
            if (applied.Contains(envelope.Id))
            {
                Duplicates++;
                continue;
            }

            _fresh.Add(envelope.Id);
            Writes += envelope.Deltas.Count + envelope.Reactions.Count;
            Take(envelope);
        }
    }

    /// <summary>How many envelopes were applied before, or occur twice.</summary>
    public int Duplicates { get; }

    /// <summary>How many writes the others hold.</summary>
    public int Writes { get; }

    /// <summary>The envelopes to enter into the ledger.</summary>
    public IReadOnlyList<EnvelopeId> Fresh => _fresh;

    /// <summary>The newest state of each pair.</summary>
    public IReadOnlyCollection<Reaction> Reactions => _reactions.Values;

    /// <summary>The first delta of each Idempotency-Key.</summary>
    public IReadOnlyDictionary<RequestKey, CounterDelta> Requests => _requests;

    /// <summary>
    /// Every counter that an envelope names, also those applied before: for each, the envelopes that Redis may still
    /// count as pending.
    /// </summary>
    public IReadOnlyDictionary<CounterId, List<string>> Touched => _touched;

    /// <summary>What to add to a counter; 0 where nothing is.</summary>
    public long SumOf(in CounterId counter) => _sums.GetValueOrDefault(counter);

    /// <summary>Adds to a counter.</summary>
    public void Add(in CounterId counter, long amount) => _sums[counter] = _sums.GetValueOrDefault(counter) + amount;

    private void Take(CounterEnvelope envelope)
    {
        foreach (var delta in envelope.Deltas)
        {
            if (delta.Request is { } request)
            {
                _requests.TryAdd(request, delta);
            }
            else
            {
                Add(delta.Counter, delta.Amount);
            }
        }

        foreach (var reaction in envelope.Reactions)
        {
            var pair = (reaction.User, reaction.Post);
            if (!_reactions.TryGetValue(pair, out var known) || known.Version < reaction.Version)
            {
                _reactions[pair] = reaction;
            }
        }
    }

    private void Touch(CounterEnvelope envelope)
    {
        var flushed = EnvelopeMark.FieldOf(envelope.Id);
        foreach (var delta in envelope.Deltas)
        {
            Touch(delta.Counter, flushed);
        }

        foreach (var reaction in envelope.Reactions)
        {
            Touch(CounterId.Likes(reaction.Post), flushed);
        }
    }

    private void Touch(in CounterId counter, string envelope)
    {
        if (!_touched.TryGetValue(counter, out var envelopes))
        {
            _touched.Add(counter, envelopes = []);
        }

        if (envelopes.Count == 0 || !ReferenceEquals(envelopes[^1], envelope))
        {
            envelopes.Add(envelope);
        }
    }
}
