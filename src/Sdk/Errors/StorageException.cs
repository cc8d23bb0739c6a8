namespace PluginHost.Sdk;

/// <summary>
/// A store or history cannot work until an operator acts: a full disk, a locked or damaged file. The host sends the message to
/// callers, with the last part of each absolute path, and logs it. Messages of other exceptions stay in the log.
/// </summary>
public class StorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Cause and remedy, without secrets.</param>
    /// <param name="innerException">The error of the disk or database; null for none.</param>
    public StorageException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
