using System.Globalization;
using System.Text;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Consistency.Histories;

/// <summary>What a session did.</summary>
internal enum OperationKind
{
    /// <summary>It wrote a version of a register of its own.</summary>
    Write,

    /// <summary>It read registers.</summary>
    Read,

    /// <summary>It was handed the token of another session, as with a message, and goes on from both.</summary>
    Adopt,
}

/// <summary>One operation of a session, as its client saw it. The operations of a session follow each other.</summary>
internal sealed record Operation
{
    /// <summary>The session.</summary>
    public required int Session { get; init; }

    /// <summary>What it is.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>When it was sent, as a timestamp of the recorder's clock. Of an adoption: before the token was taken.</summary>
    public required long Start { get; init; }

    /// <summary>When its answer was there and its token kept.</summary>
    public required long End { get; init; }

    /// <summary>How it ended. A write that is unknown may be there or not.</summary>
    public Outcome Outcome { get; init; }

    /// <summary>The HTTP status; 0 where no answer came.</summary>
    public int Status { get; init; }

    /// <summary>Where it was answered, as <c>Floodgate-Node</c> said.</summary>
    public string? Node { get; init; }

    /// <summary>Why there, as <c>Floodgate-Reason</c> said.</summary>
    public string? Reason { get; init; }

    /// <summary>Of a write, what it wrote.</summary>
    public RegisterVersion Written { get; init; }

    /// <summary>Of a read, what it saw; version 0 where a register that was asked for was not there.</summary>
    public IReadOnlyList<RegisterVersion> Seen { get; init; } = [];

    /// <summary>Of a page, which registers would be on it; null for the read of one register.</summary>
    public PageScope? Scope { get; init; }

    /// <summary>Of an adoption, whose token it was.</summary>
    public int From { get; init; }

    /// <summary>The operation in one line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"session {Session} ");
        switch (Kind)
        {
            case OperationKind.Write:
                text.Append(CultureInfo.InvariantCulture, $"wrote {Written}");
                break;
            case OperationKind.Adopt:
                text.Append(CultureInfo.InvariantCulture, $"took over from session {From}");
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"read {(Scope is null ? "" : $"{Scope}: ")}{string.Join(' ', Seen)}");
                break;
        }

        if (Kind != OperationKind.Adopt && Outcome != Outcome.Acknowledged) text.Append(CultureInfo.InvariantCulture, $" ({Outcome})");
        if (Node is not null) text.Append(CultureInfo.InvariantCulture, $" at {Node}");
        if (Reason is not null) text.Append(CultureInfo.InvariantCulture, $" [{Reason}]");
        return text.ToString();
    }
}
