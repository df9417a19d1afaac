using System.Runtime.InteropServices;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;

namespace Floodgate.FlushWorker.Applying;

/// <summary>What a batch of envelopes comes to, once those that are applied already are left out.</summary>
internal sealed class BatchContent
{
    private readonly Dictionary<(long User, long Post), (Reaction Reaction, DateTime Minute)> _reactions = [];
    private readonly Dictionary<(long User, long Post), Reaction> _named = [];
    private readonly Dictionary<long, CounterId> _likes = [];
    private readonly Dictionary<CounterId, List<string>> _touched = [];
    private readonly Dictionary<CounterId, long> _sums = [];
    private readonly Dictionary<(CounterId Counter, DateTime Minute), long> _minutes = [];
    private readonly Dictionary<RequestKey, RequestedDelta> _requests = [];
    private readonly List<EnvelopeId> _fresh = [];
    private readonly List<EnvelopeId> _retired = [];

    /// <summary>Takes envelopes.</summary>
    /// <param name="envelopes">The envelopes of the batch, in order.</param>
    /// <param name="applied">Those that the ledger has.</param>
    /// <param name="isRetired">Whether the ledger can no longer tell of a producer; none is by default.</param>
    /// <exception cref="OverflowException">A sum is beyond 64 bits.</exception>
    public BatchContent(IReadOnlyList<CounterEnvelope> envelopes, IReadOnlySet<EnvelopeId> applied, Func<Guid, bool>? isRetired = null)
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
            }
            else if (isRetired?.Invoke(envelope.Id.Producer) is true)
            {
                _retired.Add(envelope.Id);
            }
            else
            {
                _fresh.Add(envelope.Id);
                Writes += envelope.Writes;
                Take(envelope);
            }
        }
    }

    /// <summary>How many envelopes were applied before, or occur twice.</summary>
    public int Duplicates { get; }

    /// <summary>How many writes the others hold.</summary>
    public int Writes { get; }

    /// <summary>The envelopes to enter into the ledger.</summary>
    public IReadOnlyList<EnvelopeId> Fresh => _fresh;

    /// <summary>The envelopes of retired producers, of which nobody can tell whether they are applied.</summary>
    public IReadOnlyList<EnvelopeId> Retired => _retired;

    /// <summary>The newest state of each pair.</summary>
    public IEnumerable<Reaction> Reactions => _reactions.Values.Select(of => of.Reaction);

    /// <summary>The newest state that an envelope names of each pair, also those applied before.</summary>
    public IReadOnlyCollection<Reaction> Named => _named.Values;

    /// <summary>How many pairs there are.</summary>
    public int Pairs => _reactions.Count;

    /// <summary>The first delta of each Idempotency-Key.</summary>
    public IReadOnlyDictionary<RequestKey, RequestedDelta> Requests => _requests;

    /// <summary>
    /// Every counter that an envelope names, also those applied before: for each, the envelopes that Redis may still
    /// count as pending.
    /// </summary>
    public IReadOnlyDictionary<CounterId, List<string>> Touched => _touched;

    /// <summary>What is added to each counter in each minute, without zeros, by the time at which the envelopes were made (UTC).</summary>
    public IEnumerable<KeyValuePair<(CounterId Counter, DateTime Minute), long>> Minutes => _minutes.Where(of => of.Value != 0);

    /// <summary>What is added to all counters.</summary>
    public decimal Total => _sums.Values.Sum(amount => (decimal)amount);

    /// <summary>What to add to a counter; 0 where nothing is.</summary>
    public long SumOf(in CounterId counter) => _sums.GetValueOrDefault(counter);

    /// <summary>A request's key was not used before: what it asks for counts.</summary>
    public void Accept(in RequestKey request)
    {
        var delta = _requests[request];
        Add(delta.Counter, delta.Amount, delta.Minute);
    }

    /// <summary>A pair's row changed.</summary>
    /// <param name="user">Who.</param>
    /// <param name="post">What.</param>
    /// <param name="amount">1 where it is liked now, −1 where it was.</param>
    public void Change(long user, long post, int amount) => Add(LikesOf(post), amount, _reactions[(user, post)].Minute);

    private void Add(in CounterId counter, long amount, DateTime minute)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_sums, counter, out _);
        sum = checked(sum + amount);
        if (!counter.IsBarrier)
        {
            ref var inMinute = ref CollectionsMarshal.GetValueRefOrAddDefault(_minutes, (counter, minute), out _);
            inMinute = checked(inMinute + amount);
        }
    }

    private void Take(CounterEnvelope envelope)
    {
        var sentAt = envelope.SentAt.UtcDateTime;
        var minute = new DateTime(sentAt.Ticks - (sentAt.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);
        foreach (var delta in envelope.Deltas)
        {
            if (delta.Request is { } request)
            {
                _requests.TryAdd(request, new RequestedDelta(delta.Counter, delta.Amount, minute));
            }
            else
            {
                Add(delta.Counter, delta.Amount, minute);
            }
        }

        foreach (var reaction in envelope.Reactions)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_reactions, (reaction.User, reaction.Post), out var exists);
            if (!exists || known.Reaction.Version < reaction.Version)
            {
                known = (reaction, minute);
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
            Touch(LikesOf(reaction.Post), flushed);
            ref var named = ref CollectionsMarshal.GetValueRefOrAddDefault(_named, (reaction.User, reaction.Post), out _);
            named = named.Version < reaction.Version ? reaction : named;
        }
    }

    private void Touch(in CounterId counter, string envelope)
    {
        ref var envelopes = ref CollectionsMarshal.GetValueRefOrAddDefault(_touched, counter, out _);
        envelopes ??= [];
        if (envelopes.Count == 0 || !ReferenceEquals(envelopes[^1], envelope))
        {
            envelopes.Add(envelope);
        }
    }

    // Many likes of one post: its name is made once.
    private CounterId LikesOf(long post)
    {
        ref var likes = ref CollectionsMarshal.GetValueRefOrAddDefault(_likes, post, out var exists);
        return exists ? likes : likes = CounterId.Likes(post);
    }
}
