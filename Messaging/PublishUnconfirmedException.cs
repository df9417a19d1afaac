namespace Floodgate.Messaging;

/// <summary>A message was not confirmed by the broker: nothing that depends on it may be acknowledged.</summary>
public sealed class PublishUnconfirmedException : Exception
{
    /// <summary>Creates the error.</summary>
    public PublishUnconfirmedException(string queue, bool refused, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Queue = queue;
        Refused = refused;
    }

    /// <summary>Creates the error without a queue.</summary>
    public PublishUnconfirmedException()
        : this("", refused: false, "The message was not confirmed.")
    {
    }

    /// <summary>Creates the error without a queue.</summary>
    public PublishUnconfirmedException(string message)
        : this("", refused: false, message)
    {
    }

    /// <summary>Creates the error without a queue.</summary>
    public PublishUnconfirmedException(string message, Exception innerException)
        : this("", refused: false, message, innerException)
    {
    }

    /// <summary>The queue the message was for.</summary>
    public string Queue { get; }

    /// <summary>Whether the broker said no (queue full or missing); otherwise the outcome is unknown.</summary>
    public bool Refused { get; }
}
