using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Floodgate.Sessions;

namespace Floodgate.Bench.Counters.Load;

/// <summary>Writes the requests of a load, one after the other. Used by one thread.</summary>
internal abstract class RequestSource
{
    /// <summary>Writes the next request.</summary>
    /// <param name="into">Room for at least 4 KiB.</param>
    /// <returns>How many bytes it has.</returns>
    public abstract int Write(Span<byte> into);
}

/// <summary>How a request says who sends it.</summary>
internal interface ICaller
{
    /// <summary>The header's name with the colon and a blank, and the part of its value that never changes.</summary>
    string Header { get; }

    /// <summary>Writes the rest of the value for a user.</summary>
    int Write(long user, Span<byte> into);
}

/// <summary>As the router tells a service: the user's id in the internal header.</summary>
internal sealed class InternalCaller : ICaller
{
    /// <inheritdoc/>
    public string Header => InternalHeaders.User + ": ";

    /// <inheritdoc/>
    public int Write(long user, Span<byte> into) => Utf8Formatter.TryFormat(user, into, out var written) ? written : throw new ArgumentException("There is no room.", nameof(into));
}

/// <summary>Likes of one post, each by another user.</summary>
internal sealed class LikeRequests : RequestSource
{
    private readonly byte[] _before;
    private readonly ICaller _caller;
    private long _user;

    /// <summary>Prepares them.</summary>
    /// <param name="host">The value of the Host header.</param>
    /// <param name="post">The post.</param>
    /// <param name="caller">How users are named.</param>
    /// <param name="firstUser">The first one; the others follow it.</param>
    public LikeRequests(string host, long post, ICaller caller, long firstUser)
    {
        _before = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"PUT /posts/{post}/like HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n{caller.Header}"));
        _caller = caller;
        _user = firstUser;
    }

    /// <inheritdoc/>
    public override int Write(Span<byte> into)
    {
        _before.CopyTo(into);
        var length = _before.Length;
        length += _caller.Write(_user++, into[length..]);
        "\r\n\r\n"u8.CopyTo(into[length..]);
        return length + 4;
    }
}

/// <summary>Additions of 1 to a counter, or to one of many at random, by a thousand users. All bytes are ready before the first is sent.</summary>
internal sealed class AdditionRequests : RequestSource
{
    private const int Users = 1000;

    private readonly byte[][] _requests;
    private readonly Random _random;

    /// <summary>Prepares them.</summary>
    /// <param name="host">The value of the Host header.</param>
    /// <param name="path">The path up to the key: <c>/counters/name</c>.</param>
    /// <param name="keys">How many keys.</param>
    /// <param name="caller">How users are named.</param>
    /// <param name="random">Chooses among them.</param>
    public AdditionRequests(string host, string path, int keys, ICaller caller, Random random)
    {
        _random = random;
        _requests = new byte[Math.Max(keys, Users)][];
        var value = new byte[1024];
        for (var i = 0; i < _requests.Length; i++)
        {
            var who = Encoding.ASCII.GetString(value, 0, caller.Write(1 + (i % Users), value));
            _requests[i] = Encoding.ASCII.GetBytes(
                $"POST {path}/{KeyOf(i % keys)} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 8\r\n{caller.Header}{who}\r\n\r\n{{\"by\":1}}");
        }
    }

    /// <summary>What the n-th key is called.</summary>
    public static string KeyOf(int index) => string.Create(CultureInfo.InvariantCulture, $"k{index}");

    /// <inheritdoc/>
    public override int Write(Span<byte> into)
    {
        var request = _requests[_random.Next(_requests.Length)];
        request.CopyTo(into);
        return request.Length;
    }
}
