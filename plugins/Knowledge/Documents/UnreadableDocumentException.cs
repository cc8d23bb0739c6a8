namespace PluginHost.Knowledge.Documents;

/// <summary>A document has no text that can be read. The message is for the operator.</summary>
internal sealed class UnreadableDocumentException(string message, Exception? inner = null) : Exception(message, inner);
