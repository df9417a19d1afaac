using System.Globalization;
using System.Text;
using Floodgate.Bench.Counters.Load;

namespace Floodgate.Bench.Consistency.Overhead;

/// <summary>Reads of posts, in any order, each with one of several sets of headers. All bytes are ready before the first is sent.</summary>
internal sealed class PostRequests : RequestSource
{
    private readonly byte[][] _requests;
    private readonly Random _random;

    /// <summary>Prepares them.</summary>
    /// <param name="host">The value of the Host header.</param>
    /// <param name="posts">The posts' ids.</param>
    /// <param name="headers">Sets of headers, each line with its end.</param>
    /// <param name="random">Chooses among posts and sets.</param>
    public PostRequests(string host, IReadOnlyList<long> posts, IReadOnlyList<string> headers, Random random)
    {
        _random = random;
        _requests = [.. posts.SelectMany(
            post => headers.Select(set => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"GET /posts/{post} HTTP/1.1\r\nHost: {host}\r\n{set}\r\n"))))];
    }

    /// <inheritdoc/>
    public override int Write(Span<byte> into)
    {
        var request = _requests[_random.Next(_requests.Length)];
        request.CopyTo(into);
        return request.Length;
    }
}
