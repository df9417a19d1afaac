using Floodgate.SimulationTests.Scheduling;

namespace Floodgate.SimulationTests.Cache.Checking;

/// <summary>That nobody gets a lease while another's is good: the holder may be at its query.</summary>
internal sealed class LeaseCheck(Scheduler scheduler)
{
    private readonly Dictionary<string, (string Token, TimeSpan Until)> _holders = new(StringComparer.Ordinal);

    /// <summary>Somebody got the lease of a key.</summary>
    public void Won(string key, string token, TimeSpan lease)
    {
        if (_holders.TryGetValue(key, out var holder) && holder.Until - TimeSpan.FromMilliseconds(2) > scheduler.Elapsed)
        {
            scheduler.Fail($"The lease of {key} was given although another is neither given back, nor void, nor over: it lasts until {holder.Until}.");
        }

        _holders[key] = (token, scheduler.Elapsed + lease);
    }

    /// <summary>A lease was extended.</summary>
    public void Extended(string key, string token, TimeSpan lease)
    {
        if (_holders.TryGetValue(key, out var holder) && holder.Token == token)
        {
            _holders[key] = (token, scheduler.Elapsed + lease);
        }
    }

    /// <summary>A lease was given back.</summary>
    public void Ended(string key, string token)
    {
        if (_holders.TryGetValue(key, out var holder) && holder.Token == token)
        {
            _holders.Remove(key);
        }
    }

    /// <summary>A write voided the lease of a key.</summary>
    public void Voided(string key) => _holders.Remove(key);

    /// <summary>Redis lost everything.</summary>
    public void Lost() => _holders.Clear();
}
