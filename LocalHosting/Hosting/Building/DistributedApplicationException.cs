namespace Aspire.Hosting;

/// <summary>The application cannot be described or run as asked; the message says why.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Makes the exception.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Why.</param>
    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Why.</param>
    /// <param name="inner">The cause.</param>
    public DistributedApplicationException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>A parameter was not given.</summary>
public class MissingParameterValueException : DistributedApplicationException
{
    /// <summary>Makes the exception.</summary>
    public MissingParameterValueException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which.</param>
    public MissingParameterValueException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which.</param>
    /// <param name="innerException">The cause.</param>
    public MissingParameterValueException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
