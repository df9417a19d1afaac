using System.Numerics;
using System.Runtime.InteropServices;

namespace Floodgate.CounterService.Lag;

/// <summary>What the ledger does not have yet of what was confirmed.</summary>
/// <param name="Envelopes">How many envelopes.</param>
/// <param name="OldestSentAt">When the oldest was sent, as a timestamp of the clock; null where there is none.</param>
/// <param name="Confirmed">How many envelopes were ever confirmed.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OpenEnvelopes(long Envelopes, long? OldestSentAt, long Confirmed);

/// <summary>
/// The confirmed envelopes of one partition until they are accounted for: ten bytes each, so that a backlog of a quarter of
/// a million is kept exactly. Safe for concurrent use.
/// </summary>
internal sealed class EnvelopeBook(int mostPages = EnvelopeBook.MostPages)
{
    /// <summary>The most pages; beyond it the oldest is given up.</summary>
    public const int MostPages = 4096;

    private readonly Lock _lock = new();
    private readonly List<EnvelopePage> _pages = [];
    private readonly Dictionary<Guid, long> _highest = [];
    private Conservation _totals;

    /// <summary>Enters an envelope that is confirmed.</summary>
    /// <param name="producer">Who made it.</param>
    /// <param name="sequence">Its number.</param>
    /// <param name="writes">How many writes are in it.</param>
    /// <param name="sentAt">When it was sent, as a timestamp of the clock.</param>
    public void Confirm(Guid producer, long sequence, int writes, long sentAt)
    {
        lock (_lock)
        {
            PageOf(producer, sequence).Add(sequence, writes, sentAt);
            _totals = _totals with { Accepted = _totals.Accepted + new Quantity(1, writes) };
        }
    }

    /// <summary>The producers of which something is open.</summary>
    public HashSet<Guid> Producers()
    {
        lock (_lock)
        {
            return [.. _pages.Select(page => page.Producer)];
        }
    }

    /// <summary>The ledger has envelopes of a producer up to this one, perhaps with gaps.</summary>
    public void SetHighest(Guid producer, long sequence)
    {
        lock (_lock)
        {
            _highest[producer] = sequence;
        }
    }

    /// <summary>What is confirmed and above the highest that the ledger has.</summary>
    public OpenEnvelopes Measure()
    {
        lock (_lock)
        {
            var count = 0L;
            long? oldest = null;
            foreach (var page in _pages)
            {
                var open = page.OpenAbove(_highest.GetValueOrDefault(page.Producer));
                if (open != 0)
                {
                    count += BitOperations.PopCount(open);
                    oldest = Math.Min(oldest ?? long.MaxValue, page.FirstSentAt(open));
                }
            }

            return new OpenEnvelopes(count, oldest, _totals.Accepted.Envelopes);
        }
    }

    /// <summary>Accounts for everything that is open.</summary>
    /// <param name="applied">Whether the ledger has an envelope.</param>
    /// <param name="parked">Whether an envelope is put aside.</param>
    /// <param name="sentBefore">An envelope that was sent later than this may still be on its way.</param>
    /// <returns>The sums, and the missing ones: below the highest that is applied, and nowhere, twice in a row.</returns>
    public Conservation Audit(Func<Guid, long, bool> applied, Func<Guid, long, bool> parked, long sentBefore)
    {
        lock (_lock)
        {
            _totals = _totals with { Pending = default, Missing = default };
            foreach (var page in _pages)
            {
                Audit(page, applied, parked, sentBefore);
            }

            _pages.RemoveAll(page => page.Open == 0);
            foreach (var gone in _highest.Keys.Except(_pages.Select(page => page.Producer)).ToList())
            {
                _highest.Remove(gone);
            }

            return _totals;
        }
    }

    private void Audit(EnvelopePage page, Func<Guid, long, bool> applied, Func<Guid, long, bool> parked, long sentBefore)
    {
        ulong isApplied = 0, isParked = 0, isSuspect = 0;
        var highest = _highest.GetValueOrDefault(page.Producer);
        for (var bits = page.Open; bits != 0; bits &= bits - 1)
        {
            var bit = bits & (~bits + 1);
            var sequence = page.First + BitOperations.TrailingZeroCount(bits);
            if (applied(page.Producer, sequence))
            {
                isApplied |= bit;
            }
            else if (parked(page.Producer, sequence))
            {
                isParked |= bit;
            }
            else if (sequence < highest && page.FirstSentAt(bit) < sentBefore)
            {
                isSuspect |= bit;
            }
        }

        var isMissing = isSuspect & page.Suspected;
        page.Suspected = isSuspect;
        _totals = _totals with
        {
            Applied = _totals.Applied + Of(page, isApplied),
            Parked = _totals.Parked + Of(page, isParked),
            Missing = _totals.Missing + Of(page, isMissing),
            Pending = _totals.Pending + Of(page, page.Open & ~(isApplied | isParked | isMissing)),
        };
        page.Settle(isApplied | isParked);
    }

    private static Quantity Of(EnvelopePage page, ulong bits) => new(BitOperations.PopCount(bits), page.WritesOf(bits));

    // Confirms come nearly in order: it is the last page or the one before.
    private EnvelopePage PageOf(Guid producer, long sequence)
    {
        for (var i = _pages.Count - 1; i >= 0 && i >= _pages.Count - 8; i--)
        {
            if (_pages[i].Holds(producer, sequence))
            {
                return _pages[i];
            }
        }

        if (_pages.Count >= mostPages)
        {
            _totals = _totals with { GivenUp = _totals.GivenUp + Of(_pages[0], _pages[0].Open) };
            _pages.RemoveAt(0);
        }

        var page = new EnvelopePage(producer, sequence - ((sequence - 1) % EnvelopePage.Size));
        _pages.Add(page);
        return page;
    }
}
