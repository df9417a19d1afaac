namespace Floodgate.Nodes;

/// <summary>No node could answer. To an HTTP caller: 503 with <c>Retry-After</c>.</summary>
public sealed class NodeUnavailableException : Exception
{
    /// <summary>Creates the error.</summary>
    public NodeUnavailableException(string node, string message, Exception? innerException = null)
        : base(message, innerException) => Node = node;

    /// <summary>Creates the error without a node.</summary>
    public NodeUnavailableException()
        : this("", "No node answers.")
    {
    }

    /// <summary>Creates the error without a node.</summary>
    public NodeUnavailableException(string message)
        : this("", message)
    {
    }

    /// <summary>Creates the error without a node.</summary>
    public NodeUnavailableException(string message, Exception innerException)
        : this("", message, innerException)
    {
    }

    /// <summary>The node that was tried last.</summary>
    public string Node { get; }
}
