namespace Orca.Model.Network;

/// <summary>Attention over rows of packed documents, for all layers of one batch: a token sees its own document up to itself.</summary>
public interface IPackedAttention : IAttention, IDisposable;
