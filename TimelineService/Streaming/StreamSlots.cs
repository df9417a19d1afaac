using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Streaming;

/// <summary>How an attempt to open a stream ended.</summary>
internal enum Admission
{
    /// <summary>It may begin.</summary>
    Granted,

    /// <summary>This process has as many as it may have.</summary>
    ProcessIsFull,

    /// <summary>The user has as many as one may have.</summary>
    UserIsFull,
}

/// <summary>Bounds how many streams are open, in all and for one user. Safe for concurrent use.</summary>
internal sealed class StreamSlots(IOptions<StreamOptions> options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, int> _byUser = [];
    private int _open;

    /// <summary>How many are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Takes a slot. Where it is granted, <see cref="Leave"/> gives it back.</summary>
    public Admission Enter(long user)
    {
        lock (_lock)
        {
            var own = _byUser.GetValueOrDefault(user);
            if (own >= options.Value.StreamsPerUser)
            {
                return Admission.UserIsFull;
            }

            if (_open >= options.Value.MaximumStreams)
            {
                return Admission.ProcessIsFull;
            }

            _byUser[user] = own + 1;
            _open++;
            return Admission.Granted;
        }
    }

    /// <summary>Gives a slot back.</summary>
    public void Leave(long user)
    {
        lock (_lock)
        {
            _open--;
            if (--_byUser[user] == 0)
            {
                _byUser.Remove(user);
            }
        }
    }
}
