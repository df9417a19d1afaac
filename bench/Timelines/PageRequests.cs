using System.Text;
using Floodgate.Bench.Counters.Load;

namespace Floodgate.Bench.Timelines;

/// <summary>Requests for the newest page of many readers, at random. All bytes are ready before the first is sent.</summary>
internal sealed class PageRequests : RequestSource
{
    /// <summary>What is asked for.</summary>
    public const string Path = "/timeline?limit=20";

    private readonly byte[][] _requests;
    private readonly Random _random;

    /// <summary>Prepares them.</summary>
    /// <param name="host">The value of the Host header.</param>
    /// <param name="readers">Who reads.</param>
    /// <param name="caller">How readers are named.</param>
    /// <param name="header">One more header, without its line end; empty for none.</param>
    /// <param name="random">Chooses among the readers.</param>
    public PageRequests(string host, IEnumerable<long> readers, ICaller caller, string header, Random random)
    {
        _random = random;
        var value = new byte[1024];
        var more = header.Length == 0 ? "" : header + "\r\n";
        _requests = [.. readers.Select(reader => Encoding.ASCII.GetBytes(
            $"GET {Path} HTTP/1.1\r\nHost: {host}\r\n{more}{caller.Header}{Encoding.ASCII.GetString(value, 0, caller.Write(reader, value))}\r\n\r\n"))];
    }

    /// <inheritdoc/>
    public override int Write(Span<byte> into)
    {
        var request = _requests[_random.Next(_requests.Length)];
        request.CopyTo(into);
        return request.Length;
    }
}
