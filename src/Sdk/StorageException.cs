namespace PluginHost.Sdk;

/// <summary>
/// A store or history cannot do its work now, for a reason that an operator can end: a full disk, a locked or damaged file. The host
/// tells callers the message; the messages of other exceptions stay in its log.
/// </summary>
public class StorageException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Cause and cure, with nothing secret in it.</param>
    /// <param name="innerException">What the disk or database said; null when there is nothing more.</param>
    public StorageException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
